"""When a document is going to be removed, which no port tells: read from the embedded store's own table."""

from shared.bootstrap import Process


async def end_of(process: Process, name: str) -> str | None:
    """The end of the one document of that name, a stamp; None where it stays."""
    sql = "SELECT expires FROM documents WHERE name = ?"
    ((expires,),) = await process.opened.databases[0].read(
        lambda connection: connection.execute(sql, (name,)).fetchall()
    )
    end: str | None = expires
    return end
