"""What the doctor looks at: one file per topic, one function per named check."""
