"""The certificate that a network and an agent are one system, and what must break it."""
