"""What a program in the cage cannot do, whatever it calls. Each attempt is also made without the cage, to show that
it can succeed, so that nothing is called denied that the attempt itself has got wrong.
"""

import errno

import pytest
from support import cage
from support.cage import Attempt, probes

# What a machine says that does not let this user do a thing, or has never heard of it.
NOT_HERE = {
    errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EOPNOTSUPP, errno.EAFNOSUPPORT, errno.ENODEV, errno.ENOSPC,
    errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT, errno.ESOCKTNOSUPPORT, "SIGSEGV",
}  # fmt: skip


@pytest.fixture(scope="module")
def attempt(cage_programs, tmp_path_factory):
    """Makes an attempt of each kind once."""
    kinds = {
        "free": [],
        "caged": ["--sandbox"],
        "network": ["--sandbox", "--sandbox-net"],
        "old": ["--sandbox"],
    }
    made = {}

    def get(kind):
        if kind not in made:
            folder = tmp_path_factory.mktemp(kind)
            binary = cage.lacking(cage_programs, folder, "landlock=2") if kind == "old" else None
            readable = ["--sandbox-path", folder / "readable"] if kinds[kind] else []
            made[kind] = Attempt(cage_programs, folder, *kinds[kind], *readable, binary=binary)
        return made[kind]

    return get


def can_be_seen(attempt, name):
    """Without the cage it can be done; otherwise it is no test here."""
    error = attempt("free")[name].error
    if error in NOT_HERE:
        pytest.skip(f"cannot be done here without a cage either: {describe(error)}")
    assert error == 0, describe(error)


def describe(error):
    return f"{errno.errorcode.get(error, error)}" if error else "done"


every_cage = pytest.mark.parametrize("kind", ["caged", "network", "old"])


@every_cage
@pytest.mark.parametrize("name", probes("DENIED"))
def test_denied(attempt, kind, name):
    can_be_seen(attempt, name)
    answer = attempt(kind)[name]
    assert answer.error in cage.DENIALS, describe(answer.error)
    assert answer.felt == 0


@every_cage
@pytest.mark.parametrize("name", probes("AGAIN"))
def test_no_new_process(attempt, kind, name):
    can_be_seen(attempt, name)
    assert describe(attempt(kind)[name].error) == "EAGAIN"


@every_cage
@pytest.mark.parametrize("name", probes("ABSENT"))
def test_unknown_call(attempt, kind, name):
    can_be_seen(attempt, name)
    assert describe(attempt(kind)[name].error) == "ENOSYS"


@every_cage
@pytest.mark.parametrize("name", probes("UNFELT"))
def test_nobody_else_is_signalled(attempt, kind, name):
    can_be_seen(attempt, name)
    assert attempt("free")[name].felt == 1
    assert attempt(kind)[name].felt == 0


@pytest.mark.parametrize("kind", ["caged", "old"])
@pytest.mark.parametrize("name", probes("NETWORK"))
def test_no_network(attempt, kind, name):
    can_be_seen(attempt, name)
    answer = attempt(kind)[name]
    assert answer.error in cage.DENIALS, describe(answer.error)


@pytest.mark.parametrize("name", probes("NETWORK"))
def test_network_where_it_is_allowed(attempt, name):
    can_be_seen(attempt, name)
    assert describe(attempt("network")[name].error) == "done"


@every_cage
@pytest.mark.parametrize("name", probes("NEEDED"))
def test_works(attempt, kind, name):
    assert describe(attempt("free")[name].error) == "done"
    assert describe(attempt(kind)[name].error) == "done"


@every_cage
def test_nothing_outside_has_changed(attempt, kind):
    assert attempt(kind).changed == set()


def test_without_a_cage_it_has(attempt):
    changed = attempt("free").changed
    names = {path.name for path in changed - {"the victim"}}
    assert {"change_mode", "remove_file", "truncate_readable_file"} <= names
    assert "the victim" in changed
