"""Shows, by running and by proof, that a SIEM's query means what the Sigma rule means."""
