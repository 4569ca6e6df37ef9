"""Pages for a browser: templates that the server fills in, and a little JavaScript that asks the REST addresses."""
