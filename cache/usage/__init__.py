"""What the refresher knows of usage besides the answers: accounts, history, projections, watches."""
