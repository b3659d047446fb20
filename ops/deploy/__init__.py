"""What production runs on."""
