"""What the libraries of the voice service are told, so that they stay small and call nobody."""

FOR_LIBRARIES = {
    "ORT_DISABLE_TELEMETRY": "1",  # the runtime of local models calls home otherwise
    "LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE": "0",  # a realtime model decides turns itself
    "LIVEKIT_INFERENCE_URL": "http://127.0.0.1:9",  # a fuse: LiveKit's cloud is never asked for models
}
"""Environment variables, set before they are imported."""
