namespace ReliableQueue.Benchmarks;

/// <summary>Is told when a handler is entered.</summary>
internal interface IArrivals
{
    void Entered(int number);
}
