"""Redis inside the process: cache, sessions' cache, realtime messages and job queues without a server.

One process, one store; its keys are kept apart by the site's database name as on a bench.
"""

from __future__ import annotations

import fakeredis
import frappe
import frappe.utils.background_jobs
import frappe.utils.caching
import frappe.utils.redis_wrapper
import redis
from frappe.cache_manager import clear_controller_cache
from frappe.utils.redis_wrapper import ClientCache, RedisWrapper

from embedded.engine.replace import replaces

_server = fakeredis.FakeServer()


def _connections() -> redis.ConnectionPool:
	return redis.ConnectionPool(connection_class=fakeredis.FakeRedisConnection, server=_server)


class ProcessCache(RedisWrapper):
	"""Frappe's cache on the store of this process."""

	def client_id(self):
		"""Refuse, so that Frappe's cache in front of this one switches itself off: it needs a server."""
		raise redis.exceptions.ConnectionError("The store of this process tracks no clients.")


@replaces("frappe.utils.redis_wrapper.setup_cache", cut="nothing; there is no Redis server here")
def setup_cache() -> ProcessCache:
	return ProcessCache(connection_pool=_connections())


@replaces("frappe.utils.redis_queue.RedisQueue.get_connection", cut="nothing; there is no Redis server here")
@classmethod
def get_connection(cls, username=None, password=None) -> redis.Redis:
	return redis.Redis(connection_pool=_connections())


@replaces(
	"frappe.utils.redis_wrapper.ClientCache.erase_persistent_caches",
	cut="nothing; it tells other processes by a message, and this one by a thread that listens",
)
def erase_persistent_caches(self: ClientCache, *, doctype: str | None = None) -> None:
	"""Forget what this process keeps across requests: controllers, and values cached per site."""
	clear_controller_cache(doctype)
	if not doctype:
		frappe.utils.caching._SITE_CACHE.clear()


def forget_everything() -> None:
	"""Empty the store, for all sites of this process."""
	redis.Redis(connection_pool=_connections()).flushall()
	frappe.utils.caching._SITE_CACHE.clear()
