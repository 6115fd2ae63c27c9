"""The one ledger of minutes, points and pieces of stock: nothing else writes its accounts and entries.

Everything here joins the caller's transaction, and comes last in it: after the caller's own row locks.
"""

from server.domain.ledger.account_keys import MINUTES as MINUTES
from server.domain.ledger.account_keys import POINTS as POINTS
from server.domain.ledger.account_keys import Key as Key
from server.domain.ledger.accounts import Locked as Locked
from server.domain.ledger.accounts import lock as lock
from server.domain.ledger.audit import Report as Report
from server.domain.ledger.audit import audit as audit
from server.domain.ledger.holds import Capture as Capture
from server.domain.ledger.holds import Wish as Wish
from server.domain.ledger.holds import capture as capture
from server.domain.ledger.holds import expire as expire
from server.domain.ledger.holds import place as place
from server.domain.ledger.holds import release as release
from server.domain.ledger.queries import Balance as Balance
from server.domain.ledger.queries import balance as balance
from server.domain.ledger.queries import balances as balances
from server.domain.ledger.queries import statement as statement
from server.domain.ledger.transfers import Move as Move
from server.domain.ledger.transfers import post as post
from server.domain.ledger.transfers import reverse as reverse
