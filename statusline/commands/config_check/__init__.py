"""The configuration described, checked strictly and explained."""
