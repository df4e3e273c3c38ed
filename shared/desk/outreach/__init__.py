"""Speaking first: reminders, follow-ups and campaigns, by the way that is open, allowed and cheapest."""
