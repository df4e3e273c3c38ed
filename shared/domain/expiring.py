"""Which collections hold documents that expire: on Google Cloud each needs a TTL policy, or they would stay.

Nothing is written with an end into a collection that is not named here, and a house rule holds the policies
in `shared/backends/google/indexes.json` to this list.
"""

EXPIRING: frozenset[str] = frozenset(
    {
        # what was said, and what came of it
        "agent_executions",
        "attachments",
        "effects",
        "happenings",
        "memory",
        "messages",
        "offers",
        "turns",
        # calls, and what became of them
        "agent_transitions",
        "calls",
        "known_answers",
        "planned_calls",
        "rests",
        "tier_changes",
        # what the desk says of its own accord
        "campaigns",
        "contacted",
        "outreach",
        "survey_answers",
        "targets",
        # what people did and were told
        "called",
        "callbacks",
        "handovers",
        "noted",
        "notes",
        "notices",
        "proposals",
        "spoken",
        "tickets",
        "transitions",
        # who tries to sign in, and may
        "attempts",
        "invitations",
        "sessions",
        # what was told, by whom, how often
        "dead_letters",
        "early",
        "live_notes",
        "outbox_aside",
        "parked",
        "provider_ids",
        "seen",
        "spending",
        "trial_reports",
        # how far a run came
        "run_places",
        "runs",
        "checkpoints",
        "writes",
    }
)
