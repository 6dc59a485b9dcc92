from recommend.programs.models import Program, ProgramSession, ProgramWording
from recommend.result.models import Recommendation

__all__ = ["Program", "ProgramSession", "ProgramWording", "Recommendation"]
