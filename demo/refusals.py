"""What the office's side refuses: sign-ins, rights, and changes that can't be made."""

from __future__ import annotations

from pipelines.errors import CaseConflict, MinwonError


class SignInFailed(MinwonError):
    """No such login, a wrong password, a locked or a shut account: one answer for all of them."""

    code = "access.sign_in_failed"


class SignedOut(MinwonError):
    """Nobody is signed in, or not any more."""

    code = "access.signed_out"


class AccessDenied(MinwonError):
    """Whoever is signed in may not do that. Facts: action."""

    code = "access.denied"


class AccountInvalid(MinwonError):
    """An account can't be made or changed like that. Facts: problem (login, taken, name, role,
    department, unknown)."""

    code = "access.account_invalid"


class LastAdministrator(AccountInvalid):
    """Nobody else could look after the accounts then."""

    code = "access.last_administrator"


class PasswordUnfit(AccountInvalid):
    """The new password is too short, or it is the one of before. Facts: problem
    (password), min_chars."""

    code = "access.password_unfit"


class RenewalDue(MinwonError):
    """Whoever is signed in must change the password that they were given first."""

    code = "access.renewal_due"


class CaseChangedBy(CaseConflict):
    """An official changed the case meanwhile; nothing was overwritten. Facts: who, time."""

    code = "case.changed_by"


class DepartmentGone(MinwonError):
    """There is no such department any more. Facts: department."""

    code = "desk.department_gone"


class AssigneeGone(MinwonError):
    """No such person works in that department, or not any more."""

    code = "desk.assignee_gone"


class NotInThisState(MinwonError):
    """That can't be done with a case in this state. Facts: state, action."""

    code = "desk.not_in_this_state"


class MergeImpossible(MinwonError):
    """A case can't be joined to itself, to one that is not there, or to one that is joined."""

    code = "desk.merge_impossible"
