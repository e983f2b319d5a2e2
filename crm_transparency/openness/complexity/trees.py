"""Trees of documents, such as territories: what lies below what, and the fewest nodes that cover some."""

from collections.abc import Iterable
from typing import NamedTuple

import frappe


class Tree(NamedTuple):
	#: by node
	parents: dict[str, str | None]
	children: dict[str, frozenset[str]]

	@classmethod
	def of(cls, doctype: str) -> "Tree | None":
		"""Return the tree that the documents of a DocType form, None if they form none."""
		meta = frappe.get_meta(doctype)
		if not meta.is_nested_set():
			return None
		parent_field = meta.get("nsm_parent_field") or f"parent_{frappe.scrub(doctype)}"
		return cls.from_parents(
			dict(frappe.get_all(doctype, fields=["name", parent_field], as_list=True, order_by="name"))
		)

	@classmethod
	def from_parents(cls, parents: dict[str, str | None]) -> "Tree":
		children: dict[str, set[str]] = {}
		for node, parent in parents.items():
			if parent in parents and parent != node:
				children.setdefault(parent, set()).add(node)
		return cls(parents, {node: frozenset(below) for node, below in children.items()})

	def ancestors(self, node: str) -> list[str]:
		found: list[str] = []
		while (node := self.parents.get(node)) and node in self.parents and node not in found:
			found.append(node)
		return found

	def below(self, node: str) -> set[str]:
		"""Return a node and everything below it."""
		found, waiting = set(), [node]
		while waiting:
			each = waiting.pop()
			if each not in found:
				found.add(each)
				waiting += self.children.get(each, ())
		return found

	def fewest(self, nodes: Iterable[str]) -> set[str]:
		"""Return the fewest nodes that, with what is below them, cover the same.

		A node stands for its children where all of these are among the nodes; with it the node itself is covered, too.
		"""
		found = set(nodes)
		found = {node for node in found if not found & set(self.ancestors(node))}
		while parents := [
			parent for parent, below in self.children.items() if len(below) > 1 and below <= found
		]:
			for parent in parents:
				found = (found - self.below(parent)) | {parent}
		return found
