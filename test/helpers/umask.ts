// What the program writes for everybody can be read by them only where the umask lets it, and so can what a test writes.
process.umask(0o022);
