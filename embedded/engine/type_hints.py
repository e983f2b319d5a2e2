"""Argument types: Frappe turns "0" into 0 where a method's hint says int, unless the hint is only a text.

monoframe put `from __future__ import annotations` into most modules, which makes texts of all hints: "0"
stayed a text, and counts as true.
"""

import inspect
from collections.abc import Callable

from frappe.utils import typing_validations

from embedded.engine.replace import replaces

_transform_parameter_types = typing_validations.transform_parameter_types


@replaces("frappe.utils.typing_validations.transform_parameter_types", cut="hints that are types")
def transform_parameter_types(func: Callable, args: tuple, kwargs: dict) -> tuple:
	_evaluate_hints(func)
	return _transform_parameter_types(func, args, kwargs)


def _evaluate_hints(func: Callable) -> None:
	if not any(isinstance(hint, str) for hint in func.__annotations__.values()):
		return
	try:
		func.__annotations__ = inspect.get_annotations(func, eval_str=True)
	except (NameError, TypeError):
		pass  # a hint for type checkers only; Frappe leaves such arguments as they are, too
