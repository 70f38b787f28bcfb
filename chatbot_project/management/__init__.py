"""Commands of the deployment as a whole."""
