"""The one error of every content file: which file, where in it, what is wrong."""


class ContentError(Exception):
    """A content file cannot be used; raised while it is read, before anything is served.

    Args:
        file: the file's name or path, as a person would look for it.
        place: where in the file, for example ``rule danger-now, when``.
        problem: what is wrong there, in a sentence without a full stop.
    """

    def __init__(self, file: object, place: str, problem: str) -> None:
        self.file = str(file)
        self.place = place
        self.problem = problem
        super().__init__(f"{self.file}: {place}: {problem}")
