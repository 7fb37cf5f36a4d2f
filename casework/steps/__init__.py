"""Which steps a case may take, and taking them: who may, what is told to its citizens, and the way back."""
