import re
import threading

from hopcount_shared.base62 import random_text
from redirect.domain.numbering import ClickNumbers


def test_a_sandbox_names_itself_and_counts_from_zero() -> None:
    numbers = ClickNumbers(random_text)
    (producer, first), *rest = (numbers.take() for _ in range(5))
    assert re.fullmatch("[0-9A-Za-z]{22}", producer)
    assert first == 0
    assert rest == [(producer, n) for n in range(1, 5)]


def test_sandboxes_have_different_names() -> None:
    assert len({ClickNumbers(random_text).take()[0] for _ in range(100)}) == 100


def test_the_name_is_not_drawn_before_the_first_click() -> None:
    drawn: list[int] = []

    def draw(length: int) -> str:
        drawn.append(length)
        return "x" * length

    numbers = ClickNumbers(draw)
    assert drawn == [], "a snapshot taken now would give its name to every copy"
    assert numbers.take() == ("x" * 22, 0)


def test_no_number_is_given_twice_whoever_asks() -> None:
    numbers = ClickNumbers(random_text)
    taken: list[tuple[str, int]] = []
    start = threading.Barrier(8)

    def take() -> None:
        start.wait()
        taken.extend([numbers.take() for _ in range(500)])

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({producer for producer, _ in taken}) == 1
    assert sorted(sequence for _, sequence in taken) == list(range(4000))
