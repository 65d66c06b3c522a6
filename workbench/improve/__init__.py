"""Where to start next: what customers come for, and where service hurts."""
