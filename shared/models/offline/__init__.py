"""A chat model of rules and word lists: no key, no network, the same answer to the same request, always."""
