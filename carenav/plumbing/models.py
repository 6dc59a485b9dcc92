from carenav.plumbing.jobs import JobRun
from carenav.plumbing.throttle.models import Bucket, FailedAttempts

__all__ = ["Bucket", "FailedAttempts", "JobRun"]
