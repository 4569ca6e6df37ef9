"""What the program does, step by step, over ports: enroll, query, calibrate, cluster, evaluate, maintain."""
