"""What happened: the fact vocabulary, the store of rows, the lake of columns, identity, erasure, export."""
