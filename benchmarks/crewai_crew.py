"""CrewAI's side of a crew, in an environment of its own: each line that comes in is a kickoff of three tasks.

`new` builds its agents, tasks and crew first, `again` takes the last one built. The model answers at once,
once a task. It writes the milliseconds of the kickoff, and how often the model was asked.
"""

import os
import sys
import time

from crewai import Agent, BaseLLM, Crew, Process, Task

told = os.fdopen(os.dup(1), "w")
sys.stdout = sys.stderr  # whatever it prints is not the figure


class Instant(BaseLLM):
    """Answers at once."""

    asked: int = 0

    def call(self, *_, **__):
        """The final answer, in the words its agents look for."""
        self.asked += 1
        return "Thought: I now can give a great answer\nFinal Answer: 600 rupees."

    def supports_function_calling(self):
        """No tools are asked for."""
        return False

    def supports_stop_words(self):
        """It stops by itself."""
        return False

    def get_context_window_size(self):
        """Large enough."""
        return 100_000


def crew(model):
    """Three agents, a task each, one after the other."""
    agents = [
        Agent(role=name, goal=f"Know {name}.", backstory=f"Knows {name}.", llm=model, verbose=False)
        for name in ("menus", "prices", "halls")
    ]
    tasks = [Task(description="Plan a wedding.", expected_output="A plan.", agent=agent) for agent in agents]
    return Crew(agents=agents, tasks=tasks, process=Process.sequential, verbose=False)


def main():
    """Answer each line."""
    model = Instant(model="instant")
    built = crew(model)
    print("ready", file=told, flush=True)
    for line in sys.stdin:
        asked, began = model.asked, time.perf_counter()
        if line.strip() == "new":
            built = crew(model)
        built.kickoff()
        print((time.perf_counter() - began) * 1000, model.asked - asked, file=told, flush=True)


if __name__ == "__main__":
    main()
