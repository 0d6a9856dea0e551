"""Amazon SQS in memory: all operations, standard and FIFO queues, no I/O."""
