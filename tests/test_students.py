"""What real students wrote gets what it should, seen by them and graded."""

import pytest
from students import answers, graded, seen, verdict

from lstm_grade.box.split import Executor

ANSWERS = [pytest.param(answer, id=answer.number) for answer in answers()]


@pytest.fixture(scope="module")
def executor():
    with Executor() as executor:
        yield executor


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_judged_alike_by_its_author_and_by_the_grader(answer, executor):
    assert verdict(answer, seen(answer)) == ""
    assert verdict(answer, graded(executor, answer)) == ""
