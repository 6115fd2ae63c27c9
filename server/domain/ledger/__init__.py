"""The ledger of minutes, points and pieces of stock; no other code writes its accounts and entries.

Every function joins the caller's transaction and comes last in it, after the caller's own row locks.
"""

from server.domain.ledger.account_keys import MINUTES as MINUTES
from server.domain.ledger.account_keys import POINTS as POINTS
from server.domain.ledger.account_keys import Key as Key
from server.domain.ledger.accounts import Locked as Locked
from server.domain.ledger.accounts import LockedAccount as LockedAccount
from server.domain.ledger.accounts import lock_accounts as lock_accounts
from server.domain.ledger.audit import Report as Report
from server.domain.ledger.audit import audit as audit
from server.domain.ledger.holds import Capture as Capture
from server.domain.ledger.holds import NewHold as NewHold
from server.domain.ledger.holds import capture_holds as capture_holds
from server.domain.ledger.holds import expire_holds as expire_holds
from server.domain.ledger.holds import place_holds as place_holds
from server.domain.ledger.holds import release_holds as release_holds
from server.domain.ledger.moving import GiveBack as GiveBack
from server.domain.ledger.moving import give_back as give_back
from server.domain.ledger.moving import move_all as move_all
from server.domain.ledger.queries import Balance as Balance
from server.domain.ledger.queries import StatementLine as StatementLine
from server.domain.ledger.queries import get_balance as get_balance
from server.domain.ledger.queries import list_entries as list_entries
from server.domain.ledger.transfers import NewTransfer as NewTransfer
from server.domain.ledger.transfers import post as post
from server.domain.ledger.transfers import reverse as reverse
