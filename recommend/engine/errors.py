"""The exception that every mistake in a content file raises."""


class ContentError(Exception):
    """Raised while a content file is read, if the file is not valid. The server reads its own files when it starts.

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
