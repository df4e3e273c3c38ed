"""A stand-in for Cloud Storage's JSON API: upload in one part or resumably, download, delete."""

import base64
import itertools
import json
import re
from contextlib import asynccontextmanager

import google_crc32c
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.standins.serving import serving


class CloudStorage:
    """One service; `objects` holds content and media type by bucket and name."""

    def __init__(self) -> None:
        self.address = ""
        self.objects: dict[tuple[str, str], tuple[bytes, str]] = {}
        self.failures: list[int] = []  # statuses to answer the next requests with
        self._sessions: dict[str, tuple[str, str, str]] = {}
        self._ids = itertools.count(1)
        self.app = Starlette(
            routes=[
                Route("/upload/storage/v1/b/{bucket}/o", self._upload, methods=["POST", "PUT"]),
                Route("/download/storage/v1/b/{bucket}/o/{name:path}", self._download),
                Route("/storage/v1/b/{bucket}/o/{name:path}", self._delete, methods=["DELETE"]),
            ]
        )

    async def _upload(self, request: Request) -> Response:
        if self.failures:
            return _error(self.failures.pop(0), "Backend Error")
        body, bucket = await request.body(), request.path_params["bucket"]
        kind = request.query_params["uploadType"]
        if kind == "multipart":
            about, content, media_type = _parts(body, request.headers["content-type"])
            return self._keep(bucket, about["name"], content, media_type)
        if request.method == "POST":  # opens a resumable session
            session = f"s{next(self._ids)}"
            media_type = request.headers["x-upload-content-type"]
            self._sessions[session] = (bucket, json.loads(body)["name"], media_type)
            address = f"{request.url.include_query_params(upload_id=session)}"
            return Response(headers={"Location": address})
        bucket, name, media_type = self._sessions.pop(request.query_params["upload_id"])
        return self._keep(bucket, name, body, media_type)

    def _keep(self, bucket: str, name: str, content: bytes, media_type: str) -> Response:
        self.objects[bucket, name] = (content, media_type)
        about = {"kind": "storage#object", "bucket": bucket, "name": name, "contentType": media_type}
        return JSONResponse(about | {"size": str(len(content)), "crc32c": _crc32c(content)})

    async def _download(self, request: Request) -> Response:
        if self.failures:
            return _error(self.failures.pop(0), "Backend Error")
        found = self.objects.get((request.path_params["bucket"], request.path_params["name"]))
        if found is None:
            return _error(404, "No such object")
        content, media_type = found
        return Response(
            content, headers={"Content-Type": media_type, "X-Goog-Hash": f"crc32c={_crc32c(content)}"}
        )

    async def _delete(self, request: Request) -> Response:
        key = (request.path_params["bucket"], request.path_params["name"])
        return Response(status_code=204) if self.objects.pop(key, None) else _error(404, "No such object")


def _parts(body: bytes, content_type: str) -> tuple[dict, bytes, str]:
    """Metadata, content and media type of a multipart/related upload."""
    boundary = re.search(rb'boundary="?([^";]+)', content_type.encode())[1]
    _, about, content, _ = body.split(b"--" + boundary)
    headers, _, content = content.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    media_type = re.search(rb"(?i)content-type: *([^\r\n]+)", headers)[1].decode()
    return json.loads(about.partition(b"\r\n\r\n")[2]), content.removesuffix(b"\r\n"), media_type


def _crc32c(content: bytes) -> str:
    return base64.b64encode(google_crc32c.value(content).to_bytes(4, "big")).decode()


def _error(status: int, message: str) -> Response:
    return JSONResponse({"error": {"code": status, "message": message}}, status)


@asynccontextmanager
async def cloud_storage():
    """The service at its `address`, stopped with the block."""
    service = CloudStorage()
    async with serving(service.app) as service.address:
        yield service
