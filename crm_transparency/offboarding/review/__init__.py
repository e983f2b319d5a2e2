"""The review: what a leaver exported, read, mailed and changed, as facts, for HR only."""

REVIEW = "Offboarding Review"
FINDING = "Offboarding Finding"
TO_LOOK_AT, EXPLAINED, FOLLOW_UP = "Open", "Explained", "Follow up"
