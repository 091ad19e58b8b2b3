"""What the desk is measured by: `./run eval desk`, `./run eval learning`, `./run bench desk`."""
