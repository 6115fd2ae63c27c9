"""The one ledger of minutes, points and pieces of stock: nothing else writes its accounts and entries.

Everything here joins the caller's transaction, and comes last in it: after the caller's own row locks.
"""

from server.domain.ledger.accounts import Locked as Locked
from server.domain.ledger.accounts import lock as lock
from server.domain.ledger.auditing import Report as Report
from server.domain.ledger.auditing import audit as audit
from server.domain.ledger.holding import Capture as Capture
from server.domain.ledger.holding import Wish as Wish
from server.domain.ledger.holding import capture as capture
from server.domain.ledger.holding import expire as expire
from server.domain.ledger.holding import place as place
from server.domain.ledger.holding import release as release
from server.domain.ledger.keys import MINUTES as MINUTES
from server.domain.ledger.keys import POINTS as POINTS
from server.domain.ledger.keys import Key as Key
from server.domain.ledger.posting import Move as Move
from server.domain.ledger.posting import post as post
from server.domain.ledger.posting import reverse as reverse
from server.domain.ledger.reading import Balance as Balance
from server.domain.ledger.reading import balance as balance
from server.domain.ledger.reading import balances as balances
from server.domain.ledger.reading import statement as statement
