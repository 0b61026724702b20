"""What was spent on this machine, from the index of transcripts: by day, week and month, model, project and branch."""
