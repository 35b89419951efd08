"""The packs that come with Keepsum; each is a guest, like a pack of anybody else."""
