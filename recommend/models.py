from recommend.programs.models import Program, ProgramSession
from recommend.result.models import Recommendation

__all__ = ["Program", "ProgramSession", "Recommendation"]
