"""What is computed group by group, over plain arrays: graphs and the course of a life."""
