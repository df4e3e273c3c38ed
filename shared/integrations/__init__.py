"""What a desk is connected to beside its channels; one system a file."""
