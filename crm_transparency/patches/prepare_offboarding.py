from crm_transparency import install


def execute() -> None:
	"""Give sites that update the standard template and the letters of the offboarding wizard."""
	install.prepare_offboarding()
