"""The dashboard's charts as SVG rectangles. A table beside each has the same numbers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from recommend.desk.dashboard.agreement import Agreement
from recommend.desk.dashboard.figures import Figure

# In SVG user units.
WIDTH = 600
LABELS = 150
ROW = 24
HEIGHT = 120
STACK_LABELS = 260


def scaled(size: float, largest: float, room: float) -> float:
    """Return a size scaled so that ``largest`` becomes ``room``; 0 if ``largest`` is 0."""
    return round(size / largest * room, 1) if largest else 0


@dataclass(frozen=True)
class Rect:
    """A rectangle of a chart, in SVG user units.

    Attributes:
        kind: its CSS class; "" for none.
    """

    x: float
    y: float
    width: float
    height: float
    kind: str = ""

    @property
    def text_y(self) -> float:
        """The baseline of the label beside it."""
        return self.y + 13

    @property
    def end(self) -> float:
        """The left edge of a label after it."""
        return round(self.x + self.width + 6, 1)


@dataclass(frozen=True)
class Columns:
    """A chart with a column for each figure, side by side."""

    figures: list[Figure]

    @property
    def rects(self) -> Iterator[Rect]:
        largest = max((figure.count for figure in self.figures), default=0)
        step = WIDTH / max(len(self.figures), 1)
        for number, figure in enumerate(self.figures):
            height = scaled(figure.count, largest, HEIGHT)
            yield Rect(round(number * step + 2, 1), HEIGHT - height, round(step - 4, 1), height)


@dataclass(frozen=True)
class Bars:
    """A chart with a bar for each figure, one below the other."""

    figures: list[Figure]

    @property
    def height(self) -> int:
        return ROW * len(self.figures)

    @property
    def rects(self) -> Iterator[tuple[Figure, Rect]]:
        largest = max((figure.count for figure in self.figures), default=0)
        for number, figure in enumerate(self.figures):
            width = scaled(figure.count, largest, WIDTH - LABELS - 70)
            yield figure, Rect(LABELS, number * ROW + 4, width, ROW - 8)


@dataclass(frozen=True)
class Stacks:
    """A chart with a bar for each rule, in three parts: how often the level chosen was lower, the same, or higher."""

    figures: list[Agreement] = field(default_factory=list)

    @property
    def height(self) -> int:
        return ROW * len(self.figures)

    @property
    def rects(self) -> Iterator[tuple[Agreement, int, list[Rect]]]:
        for number, figure in enumerate(self.figures):
            yield figure, number * ROW + 17, list(self.parts(figure, number * ROW + 4))

    def parts(self, agreement: Agreement, y: int) -> Iterable[Rect]:
        sizes = {name: getattr(agreement, name).count for name in ("lower", "same", "higher")}
        x = float(STACK_LABELS)
        for kind, size in sizes.items():
            width = scaled(size, sum(sizes.values()), WIDTH - STACK_LABELS)
            yield Rect(round(x, 1), y, width, ROW - 8, kind)
            x += width
