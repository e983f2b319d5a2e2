from tests.offboarding.conftest import ana, ben, employee, hanna, mail_account, mona, offboarding

__all__ = ["ana", "ben", "employee", "hanna", "mail_account", "mona", "offboarding"]
