"""An AWS on this machine: MiniStack with IAM enforced, its gaps mended and its state kept."""
