"""The Gemini stand-in, called by Google's own client in the ways the adapter does not."""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator

import httpx
import pytest
from google import genai
from google.genai import errors, types

from tests.standins.gemini import GeminiServer
from tests.standins.model_server import Step


@pytest.fixture
async def client() -> AsyncIterator[genai.Client]:
    with GeminiServer() as server:
        server.script(Step(text="Both halves."), Step(data={"a": 1}))
        async with httpx.AsyncClient() as http:
            options = types.HttpOptions(base_url=server.url, httpx_async_client=http)
            yield genai.Client(api_key="test-key", http_options=options)


async def test_answers_whole_counts_and_embeds(client):
    """Whole answers, token counts, model listings and embeddings come in Google's form."""
    models = client.aio.models
    assert (await models.generate_content(model="gemini-3.8-flash", contents="Hi")).text == "Both halves."
    assert (await models.count_tokens(model="gemini-3.8-flash", contents="Hello there")).total_tokens > 1
    assert (await models.get(model="gemini-3.8-flash")).name == "models/gemini-3.8-flash"
    with pytest.raises(errors.ClientError, match="not found"):
        await models.get(model="gemini-1")
    words = ("red shoes", "red boots", "opening hours")
    texts = [types.Content(parts=[types.Part(text=text)]) for text in words]
    config = {"output_dimensionality": 768}
    embedded = await models.embed_content(model="gemini-embedding-2", contents=texts, config=config)
    red, boots, hours = (one.values for one in embedded.embeddings)
    assert len(red) == 768
    assert sum(map(float.__mul__, red, boots)) > sum(map(float.__mul__, red, hours))


async def test_serves_a_script_from_the_command_line(tmp_path):
    """`python -m tests.standins.gemini` answers with the steps of a file."""
    script = tmp_path / "steps.json"
    script.write_text(json.dumps([{"text": "From the file."}]))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ("-m", "tests.standins.gemini", "--port", str(port), "--script", str(script))
    process = await asyncio.create_subprocess_exec(sys.executable, *command)
    try:
        async with httpx.AsyncClient(headers={"x-goog-api-key": "test-key"}) as http:
            address = f"http://127.0.0.1:{port}/v1/models/gemini-3.8-flash:generateContent"
            body = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}
            for _ in range(200):
                try:
                    answer = await http.post(address, json=body)
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0.05)
        parts = answer.json()["candidates"][0]["content"]["parts"]
        assert "".join(part["text"] for part in parts) == "From the file."
    finally:
        process.terminate()
        await process.wait()
