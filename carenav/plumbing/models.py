from carenav.plumbing.throttle.models import FailedAttempts

__all__ = ["FailedAttempts"]
