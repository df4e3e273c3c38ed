"""A stand-in for Secret Manager, which has no emulator: reading a version, over its gRPC protocol."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import grpc
from google.cloud import secretmanager_v1

SERVICE = "google.cloud.secretmanager.v1.SecretManagerService"


class SecretManager:
    """The service; `values` holds every version of a secret under `projects/P/secrets/S`, oldest first."""

    def __init__(self) -> None:
        self.address = ""
        self.values: dict[str, list[bytes]] = {}
        self.asked = 0

    async def access_secret_version(
        self, request: secretmanager_v1.AccessSecretVersionRequest, context: Any
    ) -> secretmanager_v1.AccessSecretVersionResponse:
        self.asked += 1
        secret, _, version = request.name.partition("/versions/")
        versions = self.values.get(secret, [])
        number = len(versions) if version == "latest" else int(version)
        if not 1 <= number <= len(versions):
            await context.abort(grpc.StatusCode.NOT_FOUND, f"Secret [{secret}] not found or has no versions.")
        return secretmanager_v1.AccessSecretVersionResponse(
            name=f"{secret}/versions/{number}", payload={"data": versions[number - 1]}
        )


@contextlib.asynccontextmanager
async def secret_manager() -> AsyncIterator[SecretManager]:
    """The service at its `address` on the loopback, stopped with the block."""
    service, server = SecretManager(), grpc.aio.server()
    access = grpc.unary_unary_rpc_method_handler(
        service.access_secret_version,
        secretmanager_v1.AccessSecretVersionRequest.deserialize,
        secretmanager_v1.AccessSecretVersionResponse.serialize,
    )
    methods = {"AccessSecretVersion": access}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))
    service.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    try:
        yield service
    finally:
        await server.stop(grace=None)
