namespace ReliableQueue.Simulation.World;

/// <summary>Something that will happen, unless it is called off before.</summary>
internal sealed class Occurrence(Action action)
{
    private Action? action = action;

    public void CallOff() => action = null;

    public void Happen()
    {
        var due = action;
        action = null;
        due?.Invoke();
    }
}
