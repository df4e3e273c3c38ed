"""What was told on the embedded bus and nobody has taken yet."""


async def told(flow, kind):
    """The facts of a kind, oldest first, each once whoever it is for."""
    sql = "SELECT body FROM jobs WHERE topic = ? AND queue = 'bus' ORDER BY id"
    database = flow.services.ports.store._database
    rows = await database.read(lambda connection: connection.execute(sql, (kind.topic(),)).fetchall())
    return list({fact.event_id: fact for (body,) in rows for fact in [kind.decode(bytes(body))]}.values())
