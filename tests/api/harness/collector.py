"""A collector of traces: takes OTLP over HTTP, and reads it by the protocol's own definition."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

ID_FIELDS = ("traceId", "spanId", "parentSpanId")


class Collector:
    """Answers with `status`; spans that it took are in `spans`, with those of one trace by of()."""

    def __init__(self) -> None:
        self.spans: list = []
        self.resources: list[dict] = []
        self.status = 200
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status = collector.status if self.path == "/v1/traces" else 404
                if status == 200 and self.headers["content-type"] == "application/json":
                    collector._take(json.loads(body))
                self.send_response(status)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _take(self, message: dict) -> None:
        for of_resource in message["resourceSpans"]:
            for of_scope in of_resource["scopeSpans"]:
                for span in of_scope["spans"]:
                    for field in ID_FIELDS:
                        # OTLP writes ids in hexadecimal, where protobuf's JSON has base64.
                        if field in span:
                            raw = bytes.fromhex(span[field])
                            span[field] = base64.b64encode(raw).decode()
        request = json_format.ParseDict(message, ExportTraceServiceRequest())
        for of_resource in request.resource_spans:
            self.resources.append(attributes(of_resource.resource))
            for of_scope in of_resource.scope_spans:
                self.spans.extend(of_scope.spans)

    def of(self, trace_id: str) -> dict:
        """The spans of a trace, by name."""
        return {span.name: span for span in self.spans if span.trace_id.hex() == trace_id}

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def attributes(of: object) -> dict:
    return {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in of.attributes}
