"""The drawings that stand in for photos of products and places. Drawn at load time, the same every time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random

from contentdesk.demo.canvas import TALL, Canvas, ring
from contentdesk.lib.files import FileStore
from contentdesk.media.services import Stored, store_photo

WOOD, SEAM, TEAL, DEEP, CREAM, SKY, SAND = (
    "#8a5a33", "#6f4526", "#5f8f8b", "#0b5763", "#f1e6cf", "#bcd7d6", "#e4d3b1"
)  # fmt: skip
GOLD, AMBER, RED, GREEN, BROWN, WHITE, INK = (
    "#e7b75f", "#d99a3c", "#b8452f", "#3f7d4e", "#5c3a21", "#fbf7ee", "#24343a"
)  # fmt: skip
SCENES: dict[str, Callable[[Canvas], None]] = {}
GROUNDS: dict[str, str] = {}


def store_all(files: FileStore) -> dict[str, Stored]:
    """Every drawing by name, cleaned and kept like a photo that somebody uploaded."""
    with ThreadPoolExecutor(2) as pool:
        kept = pool.map(lambda name: store_photo(draw(name), files), SCENES)
        return dict(zip(SCENES, kept, strict=True))


def draw(name: str) -> bytes:
    canvas = Canvas(GROUNDS[name])
    SCENES[name](canvas)
    return canvas.jpeg()


def _scene(ground: str) -> Callable[[Callable[[Canvas], None]], Callable[[Canvas], None]]:
    def keep(scene: Callable[[Canvas], None]) -> Callable[[Canvas], None]:
        name = scene.__name__
        SCENES[name], GROUNDS[name] = scene, ground
        return scene

    return keep


def _table(c: Canvas, colour: str, top: float = 820) -> None:
    c.box((0, top, 1000, TALL), colour)


@_scene(WOOD)
def tempe(c: Canvas) -> None:
    c.planks(SEAM)
    c.oval((110, 330, 890, 990), "#59371c")
    c.oval((130, 320, 870, 950), "#c08a4a")
    random = Random(7)  # noqa: S311 - a drawing
    for x, y in ring(500, 620, 230, 14) + ring(500, 630, 110, 8) + [(500, 630)]:
        c.disc(x, y + 8, 82, AMBER)
        c.disc(x, y, 80, GOLD)
        for _ in range(7):
            c.disc(x + random.uniform(-50, 50), y + random.uniform(-50, 50), 10, "#f6dfa4")
    c.shape([(120, 150), (260, 120), (240, 220)], GREEN)


@_scene(TEAL)
def paket(c: Canvas) -> None:
    _table(c, "#4a7370")
    for x, colour in ((170.0, RED), (520.0, AMBER)):
        c.box((x, 300, x + 310, 860), colour, 18)
        c.box((x + 50, 450, x + 260, 680), WHITE, 14)
        c.box((x + 80, 490, x + 230, 515), INK, 6)
        c.box((x + 80, 540, x + 200, 558), "#9aa7a6", 6)
        c.disc(x + 155, 620, 38, GOLD)
    for x, y in [*ring(500, 980, 260, 11), (420, 960), (500, 1000), (580, 960)]:
        c.disc(x, 940 + (y - 980) / 4, 55, GOLD)


@_scene("#6b4029")
def bakso(c: Canvas) -> None:
    c.planks("#56301d", 5)
    c.oval((120, 360, 880, 1060), "#3b2214")
    c.oval((130, 340, 870, 1020), WHITE)
    c.oval((180, 390, 820, 970), "#2f6f86", "#2f6f86", 10)
    c.oval((195, 405, 805, 955), "#e5b46a")
    for x, y in [*ring(500, 680, 165, 6, 0.3), (500, 680)]:
        c.disc(x, y, 78, "#8d7462")
        c.disc(x - 18, y - 20, 26, "#a58d7b")
    for x, y in ring(500, 690, 250, 9):
        c.disc(x, y, 14, GREEN)
    c.steam(500, 330, "#d9c6b4")


@_scene(SKY)
def apel(c: Canvas) -> None:
    _table(c, "#86aaa3", 900)
    c.box((400, 180, 500, 260), GREEN, 14)
    c.box((410, 240, 490, 380), AMBER, 10)
    c.box((330, 360, 570, 1020), AMBER, 60)
    c.box((330, 560, 570, 820), WHITE)
    c.box((375, 620, 525, 650), INK, 8)
    c.disc(450, 735, 45, RED)
    for x, y, colour in ((680, 960, RED), (800, 1000, "#9c3325"), (740, 860, RED)):
        c.disc(x, y, 95, colour)
        c.disc(x - 30, y - 35, 20, "#e07a63")
        c.line([(x, y - 90), (x + 14, y - 135)], BROWN, 12)


@_scene("#7a2f2a")
def batik(c: Canvas) -> None:
    for row in range(6):
        for column in range(5):
            x, y = 110 + column * 200 + (100 if row % 2 else 0), 110 + row * 215
            for px, py in ring(x, y, 62, 8):
                c.disc(px, py, 30, GOLD)
            c.disc(x, y, 46, "#f3dfae")
            c.disc(x, y, 22, INK)
    for y in (0, TALL - 60):
        c.box((0, y, 1000, y + 60), INK)
        for x in range(20, 1000, 80):
            c.shape([(x, y + 30), (x + 30, y + 8), (x + 60, y + 30), (x + 30, y + 52)], GOLD)


@_scene("#d5d9d2")
def mug(c: Canvas) -> None:
    _table(c, "#b08a63", 760)
    for x, y, colour, shade in ((150, 520, TEAL, "#4b7672"), (560, 470, "#d98a6c", "#b96e52"), (360, 760, CREAM, SAND)):
        c.arc((x + 190, y + 60, x + 350, y + 230), -90, 90, shade, 34)
        c.box((x, y, x + 270, y + 310), colour, 40)
        c.oval((x, y - 40, x + 270, y + 50), shade)
        c.oval((x + 24, y - 24, x + 246, y + 36), BROWN)
        c.box((x, y + 180, x + 270, y + 200), shade)


@_scene("#dfe9ea")
def susu(c: Canvas) -> None:
    _table(c, "#9fb9a2", 900)
    for x, y in ((140, 420), (410, 380), (680, 420)):
        c.box((x + 50, y, x + 130, y + 110), "#3d7fa6", 14)
        c.box((x, y + 100, x + 180, y + 620), WHITE, 46)
        c.box((x, y + 290, x + 180, y + 470), "#3d7fa6")
        c.disc(x + 90, y + 380, 50, WHITE)
    c.disc(830, 170, 85, "#f4d58a")


@_scene("#d9c3a0")
def kopi(c: Canvas) -> None:
    c.box((0, 0, 1000, 520), "#7f9c93")
    for x in (120, 430, 740):
        c.box((x, 60, x + 180, 470), "#5d7b73", 8)
        c.box((x + 20, 80, x + 160, 250), "#cfe0d8")
        c.box((x + 20, 275, x + 160, 450), "#cfe0d8")
    _table(c, WOOD, 760)
    c.oval((230, 960, 770, 1120), WHITE)
    c.box((350, 560, 650, 1040), "#e9eeea", 50)
    c.box((370, 660, 630, 1020), "#3a2416", 40)
    c.box((370, 660, 630, 700), "#7a5535")
    c.steam(500, 540, WHITE)


@_scene("#4d6b5a")
def topeng(c: Canvas) -> None:
    _table(c, WOOD, 1010)
    for x, face, line in ((90, WHITE, RED), (530, RED, WHITE)):
        c.shape([(x, 420), (x + 190, 190), (x + 380, 420)], GOLD)
        c.oval((x, 300, x + 380, 960), face)
        for eye in (x + 105, x + 275):
            c.arc((eye - 60, 470, eye + 60, 560), 190, 350, INK, 16)
            c.oval((eye - 52, 545, eye + 52, 600), INK)
        c.shape([(x + 190, 560), (x + 160, 730), (x + 220, 730)], line)
        c.oval((x + 120, 790, x + 260, 850), line)
        c.disc(x + 190, 420, 26, GOLD)


@_scene(SAND)
def rotan(c: Canvas) -> None:
    c.arc((250, 160, 750, 900), 180, 360, "#8b5a2b", 44)
    c.shape([(150, 560), (850, 560), (740, 1120), (260, 1120)], "#a8713a")
    for row in range(9):
        for column in range(12):
            x, y = 180 + column * 55 + (27 if row % 2 else 0), 585 + row * 60
            if 150 + row * 13 < x < 820 - row * 13:
                c.box((x, y, x + 44, y + 34), "#d8a862", 12)
    c.box((130, 530, 870, 590), "#8b5a2b", 28)


@_scene("#c9d6dc")
def kaos(c: Canvas) -> None:
    c.shape([(250, 300), (400, 230), (600, 230), (750, 300), (920, 480), (800, 590), (730, 520), (730, 1060),
             (270, 1060), (270, 520), (200, 590), (80, 480)], "#2f5d8a")  # fmt: skip
    c.oval((400, 175, 600, 320), "#c9d6dc")
    for x, y in ring(500, 660, 130, 12):
        c.disc(x, y, 50, AMBER)
    c.disc(500, 660, 120, GOLD)
    for x in (455, 545):
        c.disc(x, 635, 16, INK)
    c.shape([(470, 690), (530, 690), (500, 725)], INK)


@_scene("#b9835a")
def cireng(c: Canvas) -> None:
    c.planks("#a06d46")
    c.oval((90, 360, 910, 1080), "#7d5233")
    c.oval((90, 340, 910, 1050), WHITE)
    c.oval((140, 390, 860, 1000), "#ece2cd")
    for x, y in [*ring(460, 690, 200, 7), (460, 690)]:
        c.disc(x, y, 95, AMBER)
        c.disc(x, y - 8, 84, "#f0cf8c")
    c.disc(740, 840, 105, WHITE)
    c.disc(740, 840, 82, RED)


@_scene(CREAM)
def tumpeng(c: Canvas) -> None:
    _table(c, SAND, 980)
    c.oval((110, 800, 890, 1110), "#2f5b3c")
    c.oval((150, 820, 850, 1060), GREEN)
    c.shape([(500, 250), (290, 930), (710, 930)], GOLD)
    c.oval((290, 870, 710, 990), GOLD)
    c.shape([(500, 250), (590, 930), (710, 930)], AMBER)
    c.shape([(500, 190), (470, 270), (530, 270)], RED)
    for number, (x, y) in enumerate(ring(500, 950, 300, 12)):
        c.disc(x, 945 + (y - 950) / 4, 36, (RED, WHITE, "#7fae5a")[number % 3])


@_scene(SKY)
def pasar(c: Canvas) -> None:
    _table(c, SAND, 1000)
    for x in (150, 820):
        c.box((x, 420, x + 30, 1080), BROWN)
    for number in range(8):
        x, colour = 90 + number * 103, (RED, WHITE)[number % 2]
        c.box((x, 260, x + 103, 430), colour)
        c.oval((x, 385, x + 103, 475), colour)
    c.box((120, 800, 880, 1080), "#9a6a3c", 10)
    for step in range(9):
        c.disc(200 + step * 75, 775 + 20 * (step % 2), 48, (GREEN, AMBER, RED)[step % 3])


@_scene("#e6ebdc")
def tanaman(c: Canvas) -> None:
    _table(c, "#c9b28b", 980)
    for x, size in ((150, 0.8), (420, 1.0), (700, 0.75)):
        top = 980 - 300 * size
        for lean in (-150, -80, 0, 80, 150):
            c.line([(x + 100, top), (x + 100 + lean * size, top - (330 - abs(lean)) * size)], "#4f7a44", 18)
            c.disc(x + 100 + lean * size, top - (330 - abs(lean)) * size, 58 * size, GREEN)
        c.shape([(x, top), (x + 200, top), (x + 165, 1020), (x + 35, 1020)], "#b5623f")
        c.box((x - 15, top - 10, x + 215, top + 50), "#9b4f31", 12)


@_scene("#d3e0e3")
def ponsel(c: Canvas) -> None:
    _table(c, WOOD, 900)
    c.box((520, 520, 900, 960), WHITE, 16)
    c.disc(710, 760, 110, GOLD)
    c.box((120, 250, 440, 900), INK, 44)
    c.box((145, 290, 415, 850), "#f4f1e8", 16)
    c.disc(280, 570, 85, GOLD)
    c.disc(280, 872, 18, "#6b7b81")
    c.line([(280, 900), (180, 1080)], INK, 22)
    c.line([(280, 900), (380, 1080)], INK, 22)


@_scene("#dfe6d8")
def sampah(c: Canvas) -> None:
    _table(c, "#a9b39c", 950)
    for x, colour, shade in ((100, GREEN, "#2f6139"), (385, AMBER, "#b27a28"), (670, "#2f6f9a", "#235476")):
        c.shape([(x, 480), (x + 240, 480), (x + 205, 1060), (x + 35, 1060)], colour)
        c.box((x - 20, 430, x + 260, 500), shade, 20)
        c.disc(x + 120, 740, 66, WHITE)
        c.shape([(x + 120, 690), (x + 165, 770), (x + 75, 770)], colour)
