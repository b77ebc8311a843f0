"""The vocabulary of purchases: what happens next, why they end, roles in a company, what a form refuses."""

from typing import Final

NAVIGATION: Final = {"basket": "Basket", "purchases": "Purchases", "company": "Your company"}

FLASHES: Final = {
    "basket-changed": "The quantity was changed.",
    "reservation-extended": "The reservation was prolonged.",
    "changes-accepted": "You accepted what changed. The goods can be ordered.",
    "purchase-waits-approval": "The purchase waits for approval. Those who may approve were written to.",
    "purchase-waits-deposit": "The purchase is placed. It waits for the deposit.",
    "purchase-sold": "The goods are sold, and the sale stands in the log.",
    "purchase-approved": "The purchase was approved.",
    "purchase-declined": "The purchase was declined. Its goods are open to everybody again.",
    "purchase-cancelled": "The purchase was cancelled. Its goods are open to everybody again.",
    "purchase-taken-back": "The sale was undone: the goods are lots of their own again, and may be offered.",
    "purchase-stopped": "The purchase was put on hold.",
    "purchase-resumed": "The purchase goes on.",
    "payment-noted": "The payment was written down.",
    "payment-sold": "The payment was written down, and the goods are sold.",
    "company-saved": "The rules of your company were saved.",
    "member-saved": "The member's role was saved.",
}

FORM_ERRORS: Final = {
    "basket-empty": "Nothing is held for you any more. Reserve the goods again.",
    "share-exceeded": "This is more of the lot than one company may hold at a time.",
    "extended-before": "This reservation was prolonged before.",
    "head-changed": "The records of some goods have changed. Look at what changed and accept it first.",
    "reservation-waits": "These goods wait in another purchase.",
    "company-role": "Your role in the company does not do this.",
    "own-approval": "Somebody else of your company has to approve what you placed.",
    "purchase-state": "The purchase has moved on meanwhile. Please look at it again.",
    "purchase-sold": "It is sold already: the sale stands in the log.",
    "purchase-packed": "The goods are packed. Take the shipment apart first.",
    "goods-elsewhere": "The goods lie with somebody else, who has to sign that they come back.",
    "rows-divided": "Some of these pieces stand with others in one row of the manifest, which is not cut. "
    "Take back whole rows on the page of the lot.",
    "purchase-waits": "Somebody has to agree or to pay first. Order it from the basket.",
    "mixed-currencies": "Goods of several markets cannot be ordered together.",
    "overpaid": "This is more than is still owed.",
    "nothing-paid": "Enter an amount above zero.",
    "payment-repeated": "This very payment was written down before. Another one has a reference of its own.",
    "amount-not-a-number": "Enter an amount with a point before the decimals, for example 1250.50.",
    "day-not-past": "Enter a day that is not in the future.",
    "still-recalled": "Some of the goods are still recalled.",
    "invitations-too-many": "Your company has invited many people this week. Please wait some days, "
    "or ask the operator.",
    "last-admin": "A company keeps one admin. Make another member an admin first.",
}

TABLES: Final = {
    "purchase_tabs": {
        "all": "All",
        "to-do": "Waiting",
        "under-way": "Under way",
        "done": "Completed",
        "cancelled": "Cancelled",
    },
    "purchase_next": {
        "draft": "It is being placed.",
        "pending_approval": "Somebody of the company who may approve has to agree. "
        "Until then the goods are kept.",
        "placed": "The deposit has to arrive. Then the goods are sold and packed.",
        "deposit_paid": "The deposit is here. The operator sells the goods, "
        "or writes to you why that cannot be.",
        "confirmed": "The goods are packed next, and their documents appear on this page.",
        "partially_shipped": "Some of the goods are on their way, the others follow.",
        "shipped": "The goods are on their way.",
        "delivered": "The goods have arrived.",
        "balance": "The goods have arrived. The balance is owed.",
        "completed": "Nothing more: the goods have arrived and are paid.",
        "cancelled": "Nothing more: it was cancelled, and its goods went back.",
        "on_hold": "It is stopped, and nothing leaves the house. You are told when it goes on or ends.",
    },
    "purchase_reasons": {
        "customer": "The buyer wants it so",
        "declined": "Not approved",
        "fraud": "Suspicion of fraud",
        "inventory": "The goods are not there",
        "staff": "A mistake of ours",
        "other": "Another reason",
        "expired": "Waited too long",
        "recall": "Goods are recalled",
    },
    "hold_states": {
        "active": "Held",
        "converted": "Sold",
        "released": "Given back",
        "expired": "Ran out",
    },
    "company_roles": {
        "admin": "Company admin",
        "buyer": "Buys",
        "approver": "Approves",
        "viewer": "Looks on",
    },
    "company_role_meanings": {
        "admin": "Sets roles and rules, orders and approves.",
        "buyer": "Reserves and orders.",
        "approver": "Approves what others order, and orders nothing.",
        "viewer": "Sees offers, prices and purchases, and changes nothing.",
    },
    "limit_periods": {"purchase": "per purchase", "month": "per month"},
    "limit_spans": {"purchase": "Each purchase by itself", "month": "The calendar month"},
    "seen_facts": {"grade": "Grade", "condition": "Condition", "label_state": "Brand label"},
}
