"""`/metrics` for Prometheus."""

from __future__ import annotations

import time

import msgspec
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from engine import Engine
from engine.actors import Role
from engine.errors import Forbidden

from .fan_out import Hub
from .long_polls import LongPolls
from .sign_in import current_actor
from .websocket import ENDPOINT as WEBSOCKET

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


def install(app: Flask, engine: Engine, hub: Hub, long_polls: LongPolls) -> None:
    """Count every request, and serve what was counted."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    requests = Counter(
        "signalbox_http_requests", "Requests answered.", ("method", "route", "status"), registry=registry
    )
    seconds = Histogram(
        "signalbox_http_request_seconds",
        "Seconds a request took, long polls aside.",
        ("method", "route"),
        buckets=_BUCKETS,
        registry=registry,
    )
    sockets = Gauge("signalbox_websockets", "Open WebSockets.", registry=registry)
    sockets.set_function(lambda: hub.places.taken)
    steps = Gauge("signalbox_steps", "Steps of process instances committed by this process.", registry=registry)
    steps.set_function(lambda: engine.steps)
    unfinished = Gauge("signalbox_unfinished", "What is not finished, over all tenants.", ("what",), registry=registry)
    polls = Gauge("signalbox_long_polls", "Workers that wait for jobs.", registry=registry)
    polls.set_function(lambda: long_polls.places.taken)

    @app.after_request
    def count(answer: Response) -> Response:
        rule = request.url_rule.rule if request.url_rule else "none"
        requests.labels(request.method, rule, answer.status_code).inc()
        if request.endpoint != WEBSOCKET and not rule.endswith("/jobs/fetch"):
            seconds.labels(request.method, rule).observe(time.perf_counter() - g.get("started", time.perf_counter()))
        return answer

    @app.get("/metrics", endpoint="metrics")
    def show() -> Response:
        by_session = "Authorization" not in request.headers
        if by_session and Role.ADMINISTRATOR not in current_actor().roles:
            raise Forbidden("The metrics are for administrators, and for machines with a token.")
        for what, number in msgspec.structs.asdict(engine.totals()).items():
            unfinished.labels(what).set(number)
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
